/** As crashes-servers.ci.ts, at every call. A landing takes a share of the calls. */
import { testEngineCalls } from './engine-calls';
import { serversStories } from '../../../tools/model-checker/crashes/stories';
import { IN_PLACE } from '../../../tools/model-checker/strategies';

jest.setTimeout(3_600_000);

testEngineCalls(IN_PLACE.flatMap(serversStories), { isSampled: true, move: 'ssh switch', when: ['before', 'after'] });
