/** `crashes-lambda-redeploy.ci.ts` has the stories of the strategies without slots. */
import { testEngineCalls } from './engine-calls';
import { lambdaStories } from '../../../tools/model-checker/crashes/stories';
import { WITH_SLOTS } from '../../../tools/model-checker/strategies';

jest.setTimeout(1_200_000);

testEngineCalls(WITH_SLOTS.flatMap(lambdaStories));
