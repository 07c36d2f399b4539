/** As crashes-github-pages.ci.ts, at every call of git. A person starts it: it takes many minutes. */
import { testEngineCalls } from './engine-calls';
import { githubPagesStories } from '../../../tools/model-checker/crashes/stories';
import { AT_ONCE, IN_PLACE } from '../../../tools/model-checker/strategies';

jest.setTimeout(3_600_000);

testEngineCalls([...IN_PLACE, ...AT_ONCE].flatMap(githubPagesStories), { move: 'git push', when: ['before', 'after'] });
