/** As crashes-static-site.ci.ts, at every call. Each night takes another part of them; `POINTS=all` takes all. */
import { testEngineCalls } from './engine-calls';
import { staticSiteStories } from '../../../tools/model-checker/crashes/stories';
import { AT_ONCE, IN_PLACE } from '../../../tools/model-checker/strategies';

jest.setTimeout(3_600_000);

testEngineCalls([...IN_PLACE, ...AT_ONCE].flatMap(staticSiteStories), { atNight: 40, move: 'aws update-distribution' });
