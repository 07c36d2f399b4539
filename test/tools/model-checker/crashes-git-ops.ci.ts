/** Only pushes and requests of a sync, and not of a good release, whose push a bad one has, too: a process that dies before a call that reads leaves the same as one that dies after the change before it. */
import { testEngineCalls } from './engine-calls';
import { gitOpsStories } from '../../../tools/model-checker/crashes/stories';
import { IN_PLACE } from '../../../tools/model-checker/strategies';

jest.setTimeout(1_200_000);

testEngineCalls(IN_PLACE.flatMap(gitOpsStories).filter(({ name }) => !name.endsWith(', a good release')), { move: 'git push', isChange: true, when: ['before', 'after'] });
