/** As crashes-servers.ci.ts, for two slots behind HAProxy: blue/green, and the weights of a canary; and behind Caddy, whose weights are set by other calls. */
import { testEngineCalls } from './engine-calls';
import { caddyStories, serversStories } from '../../../tools/model-checker/crashes/stories';
import { AT_ONCE, BY_WEIGHT } from '../../../tools/model-checker/strategies';

jest.setTimeout(1_200_000);

// the way there and back of a bad release contains that of a good one
const bad = [...[...AT_ONCE, ...BY_WEIGHT].flatMap(serversStories), ...AT_ONCE.flatMap(caddyStories)].filter(({ name }) => name.endsWith(', a bad release'));

testEngineCalls(bad, { move: 'ssh weigh', isChange: true, when: ['after'], before: 3 });
