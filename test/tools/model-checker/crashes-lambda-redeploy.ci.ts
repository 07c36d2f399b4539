/** As crashes-lambda.ci.ts. A person starts it: it takes many minutes. */
import { testEngineCalls } from './engine-calls';
import { lambdaStories } from '../../../tools/model-checker/crashes/stories';

jest.setTimeout(1_200_000);

testEngineCalls(lambdaStories('redeploy'));
