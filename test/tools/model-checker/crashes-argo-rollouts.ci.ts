/** As crashes-kubernetes.ci.ts, with a Rollout of Argo Rollouts: blue/green, and the weights of a canary. */
import { testEngineCalls } from './engine-calls';
import { argoRolloutsStories } from '../../../tools/model-checker/crashes/stories';
import { AT_ONCE, BY_WEIGHT } from '../../../tools/model-checker/strategies';

jest.setTimeout(1_200_000);

// the way there and back of a bad release contains that of a good one
const bad = [...AT_ONCE, ...BY_WEIGHT].flatMap(argoRolloutsStories).filter(({ name }) => name.endsWith(', a bad release'));

testEngineCalls(bad, { move: 'kubectl patch', isChange: true, when: ['after'], before: 3 });
