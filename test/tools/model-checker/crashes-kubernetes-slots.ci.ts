/** As crashes-kubernetes.ci.ts, for two slots behind a Service. */
import { testEngineCalls } from './engine-calls';
import { kubernetesStories } from '../../../tools/model-checker/crashes/stories';
import { AT_ONCE } from '../../../tools/model-checker/strategies';

jest.setTimeout(1_200_000);

// the way there and back of a bad release contains that of a good one
testEngineCalls(AT_ONCE.flatMap(kubernetesStories).filter(({ name }) => name.endsWith(', a bad release')), { move: 'kubectl patch', isChange: true, when: ['after'], before: 3 });
