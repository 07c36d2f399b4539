/** As crashes-lambda.ci.ts, at every call. A landing takes a share of the calls. */
import { testEngineCalls } from './engine-calls';
import { lambdaStories } from '../../../tools/model-checker/crashes/stories';
import { IN_PLACE } from '../../../tools/model-checker/strategies';

jest.setTimeout(1_200_000);

testEngineCalls(IN_PLACE.flatMap(lambdaStories), { isSampled: true });
