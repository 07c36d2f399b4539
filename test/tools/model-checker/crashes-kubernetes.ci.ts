/** Where the cluster changes: a process that dies before a call that reads leaves the same as one that dies after the change before it. */
import { testEngineCalls } from './engine-calls';
import { kubernetesStories } from '../../../tools/model-checker/crashes/stories';
import { IN_PLACE } from '../../../tools/model-checker/strategies';

jest.setTimeout(1_200_000);

// the way there and back of a bad release contains that of a good one: the inventory, the objects, and both again
testEngineCalls(IN_PLACE.flatMap(kubernetesStories).filter(({ name }) => name.endsWith(', a bad release')), { changes: 4, move: 'kubectl apply', when: ['before', 'after'] });
