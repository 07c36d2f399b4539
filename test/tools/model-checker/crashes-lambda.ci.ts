/** Only calls that change something: a process that dies before a call that reads leaves the same as one that dies after the change before it. */
import { testEngineCalls } from './engine-calls';
import { lambdaStories } from '../../../tools/model-checker/crashes/stories';
import { AT_ONCE, BY_WEIGHT, IN_PLACE } from '../../../tools/model-checker/strategies';

jest.setTimeout(1_200_000);

const [good, bad, byHand] = AT_ONCE.flatMap(lambdaStories);
testEngineCalls([good], { isChange: true, before: 3 });
testEngineCalls([bad], { isChange: true, before: 4 });
testEngineCalls([byHand], { isChange: true, before: 1 });
testEngineCalls(BY_WEIGHT.flatMap(lambdaStories), { isChange: true });

// the upload, the version, the alias, and the alias again
testEngineCalls(IN_PLACE.flatMap(lambdaStories).filter(({ name }) => name.endsWith(', a bad release')), { changes: 4 });
