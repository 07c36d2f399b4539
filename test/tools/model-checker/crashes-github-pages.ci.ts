/** Only pushes: a process that dies before a call that reads leaves the same as one that dies after the change before it. */
import { testEngineCalls } from './engine-calls';
import { githubPagesStories } from '../../../tools/model-checker/crashes/stories';
import { IN_PLACE } from '../../../tools/model-checker/strategies';

jest.setTimeout(1_200_000);

testEngineCalls(IN_PLACE.flatMap(githubPagesStories), { move: 'git push', isChange: true, when: ['before', 'after'] });
