/** Only after calls that change something: a process that dies before a call leaves the same as one that dies after the change before it. */
import { testEngineCalls } from './engine-calls';
import { serversStories } from '../../../tools/model-checker/crashes/stories';
import { IN_PLACE } from '../../../tools/model-checker/strategies';

jest.setTimeout(1_200_000);

// a release that goes back has the calls of all other stories
testEngineCalls(IN_PLACE.flatMap(serversStories).filter(({ name }) => name.endsWith(', a bad release')), { move: 'ssh switch', isChange: true, when: ['after'] });
