/** As crashes-lambda.ci.ts, at every call. Each night takes another part of them; `POINTS=all` takes all. */
import { testEngineCalls } from './engine-calls';
import { lambdaStories } from '../../../tools/model-checker/crashes/stories';
import { IN_PLACE } from '../../../tools/model-checker/strategies';

jest.setTimeout(1_200_000);

testEngineCalls(IN_PLACE.flatMap(lambdaStories), { atNight: 20 });
