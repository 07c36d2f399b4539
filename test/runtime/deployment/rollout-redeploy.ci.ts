/** The rules of a rollout with redeploy. See rollout-blue-green.test.ts for the other strategy. */
import { rolloutRules } from './rollout-rules';

rolloutRules('redeploy');
