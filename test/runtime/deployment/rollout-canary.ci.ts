import { rolloutRules } from './rollout-rules';

rolloutRules('canary');
