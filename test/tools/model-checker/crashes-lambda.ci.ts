/** `crashes-lambda-redeploy.ci.ts` has the stories of the other strategy. */
import { testEngineCalls } from './engine-calls';
import { lambdaStories } from '../../../tools/model-checker/crashes/stories';

jest.setTimeout(1_200_000);

testEngineCalls(lambdaStories('blueGreen'));
