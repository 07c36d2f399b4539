/** As crashes-servers.ci.ts, for containers on hosts. */
import { testEngineCalls } from './engine-calls';
import { containersStories } from '../../../tools/model-checker/crashes/stories';
import { IN_PLACE } from '../../../tools/model-checker/strategies';

jest.setTimeout(1_200_000);

// a release that goes back has the calls of all other stories
testEngineCalls(IN_PLACE.flatMap(containersStories).filter(({ name }) => name.endsWith(', a bad release')), { move: 'ssh replace', isChange: true, when: ['after'], before: 2 });
