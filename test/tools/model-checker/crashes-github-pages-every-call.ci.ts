/** As crashes-github-pages.ci.ts, at every call of git. A landing takes a share of the calls. */
import { testEngineCalls } from './engine-calls';
import { githubPagesStories } from '../../../tools/model-checker/crashes/stories';
import { AT_ONCE, IN_PLACE } from '../../../tools/model-checker/strategies';

jest.setTimeout(3_600_000);

testEngineCalls([...IN_PLACE, ...AT_ONCE].flatMap(githubPagesStories), { isSampled: true, move: 'git push', when: ['before', 'after'] });
