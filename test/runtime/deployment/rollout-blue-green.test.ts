/** The rules of a rollout with blue/green. See rollout-redeploy.ci.ts for the other strategy. */
import { rolloutRules } from './rollout-rules';

rolloutRules('blueGreen');
