/** Only calls that change something. `crashes-static-site-every-call.ci.ts` has all calls, and the strategies without slots. */
import { testEngineCalls } from './engine-calls';
import { staticSiteStories } from '../../../tools/model-checker/crashes/stories';
import { WITH_SLOTS } from '../../../tools/model-checker/strategies';

jest.setTimeout(1_200_000);

testEngineCalls(WITH_SLOTS.flatMap(staticSiteStories), { move: 'update-distribution', isChange: true });
