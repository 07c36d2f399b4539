/** As crashes-npm.ci.ts, at every call. For a night: it takes minutes. */
import { testEngineCalls } from './engine-calls';
import { npmStories } from '../../../tools/model-checker/crashes/stories';
import { AT_ONCE, IN_PLACE } from '../../../tools/model-checker/strategies';

jest.setTimeout(3_600_000);

testEngineCalls([...IN_PLACE, ...AT_ONCE].flatMap(npmStories), { move: 'npm dist-tag add' });
