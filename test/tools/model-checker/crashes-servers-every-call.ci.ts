/** As crashes-servers.ci.ts, at every call. For a night: it takes minutes. */
import { testEngineCalls } from './engine-calls';
import { serversStories } from '../../../tools/model-checker/crashes/stories';
import { IN_PLACE } from '../../../tools/model-checker/strategies';

jest.setTimeout(3_600_000);

testEngineCalls(IN_PLACE.flatMap(serversStories), { move: 'ssh switch', when: ['before', 'after'] });
