/** As crashes-github-pages.ci.ts, at every call of git. Each night takes another part of them; `POINTS=all` takes all. */
import { testEngineCalls } from './engine-calls';
import { githubPagesStories } from '../../../tools/model-checker/crashes/stories';
import { AT_ONCE, IN_PLACE } from '../../../tools/model-checker/strategies';

jest.setTimeout(3_600_000);

testEngineCalls([...IN_PLACE, ...AT_ONCE].flatMap(githubPagesStories), { atNight: 20, move: 'git push', when: ['before', 'after'] });
