/** As crashes-npm.ci.ts, at every call. A landing takes a share of the calls. */
import { testEngineCalls } from './engine-calls';
import { npmStories } from '../../../tools/model-checker/crashes/stories';
import { AT_ONCE, IN_PLACE } from '../../../tools/model-checker/strategies';

jest.setTimeout(3_600_000);

testEngineCalls([...IN_PLACE, ...AT_ONCE].flatMap(npmStories), { isSampled: true, move: 'npm dist-tag add' });
