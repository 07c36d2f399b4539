/** As outcomes-of-targets.test.ts: each engine with each of its strategies. */
import { TARGET_KINDS, testTargets } from './target-outcomes';

testTargets(TARGET_KINDS);
