/** Where the world changes: a process that dies before a call that reads leaves the same as one that dies after the change before it. */
import { testEngineCalls } from './engine-calls';
import { ecsStories } from '../../../tools/model-checker/crashes/stories';
import { AT_ONCE, BY_WEIGHT, IN_PLACE } from '../../../tools/model-checker/strategies';

jest.setTimeout(1_200_000);

// the way there and back of a bad release contains that of a good one
const bad = (strategies: typeof IN_PLACE) => strategies.flatMap(ecsStories).filter(({ name }) => name.endsWith(', a bad release'));

// the revision, the service, and the service again
testEngineCalls(bad(IN_PLACE), { changes: 3, move: 'aws update-service', when: ['before', 'after'] });
// the revision, the service of the slot, the listener, and the listener again
testEngineCalls(bad(AT_ONCE), { changes: 4, move: 'aws modify-listener', when: ['before', 'after'] });
// the revision, the service of the slot, the listener for its share, the listener again, and the service as before
testEngineCalls(bad(BY_WEIGHT), { changes: 5, move: 'aws modify-listener', when: ['after'] });
