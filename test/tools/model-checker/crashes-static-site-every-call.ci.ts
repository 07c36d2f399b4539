/** As crashes-static-site.ci.ts, at every call. A landing takes a share of the calls. */
import { testEngineCalls } from './engine-calls';
import { staticSiteStories } from '../../../tools/model-checker/crashes/stories';
import { AT_ONCE, IN_PLACE } from '../../../tools/model-checker/strategies';

jest.setTimeout(3_600_000);

testEngineCalls([...IN_PLACE, ...AT_ONCE].flatMap(staticSiteStories), { isSampled: true, move: 'aws update-distribution' });
