/**
 * A bad release of blue/green is killed at every call. The others only at calls that change something: a process that dies before a call that reads leaves the same
 * as one that dies after the change before it.
 */
import { testEngineCalls } from './engine-calls';
import { lambdaStories, Story } from '../../../tools/model-checker/crashes/stories';
import { AT_ONCE, BY_WEIGHT, IN_PLACE } from '../../../tools/model-checker/strategies';

jest.setTimeout(1_200_000);

const isBad = ({ name }: Story) => name.endsWith(', a bad release');
const blueGreen = AT_ONCE.flatMap(lambdaStories);

testEngineCalls(blueGreen.filter(isBad));
testEngineCalls(blueGreen.filter((story) => !isBad(story)), { isChange: true });
testEngineCalls(BY_WEIGHT.flatMap(lambdaStories), { isChange: true });

// the upload, the version, the alias, and the alias again
testEngineCalls(IN_PLACE.flatMap(lambdaStories).filter(isBad), { changes: 4 });
