/**
 * Where there are no slots, and with weights, only calls that change something: a process that dies before a call that reads leaves the same as one that dies after
 * the change before it.
 */
import { testEngineCalls } from './engine-calls';
import { lambdaStories } from '../../../tools/model-checker/crashes/stories';
import { AT_ONCE, BY_WEIGHT, IN_PLACE } from '../../../tools/model-checker/strategies';

jest.setTimeout(1_200_000);

testEngineCalls(AT_ONCE.flatMap(lambdaStories));
testEngineCalls(BY_WEIGHT.flatMap(lambdaStories), { isChange: true });

// the upload, the version, the alias, and the alias again
testEngineCalls(IN_PLACE.flatMap(lambdaStories).filter(({ name }) => name.endsWith(', a bad release')), { changes: 4 });
