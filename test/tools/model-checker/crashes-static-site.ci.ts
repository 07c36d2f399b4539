/** Only calls that change something: a process that dies before a call that reads leaves the same as one that dies after the change before it. */
import { testEngineCalls } from './engine-calls';
import { staticSiteStories } from '../../../tools/model-checker/crashes/stories';
import { AT_ONCE, IN_PLACE } from '../../../tools/model-checker/strategies';

jest.setTimeout(1_200_000);

testEngineCalls(AT_ONCE.flatMap(staticSiteStories), { move: 'aws update-distribution', isChange: true });

testEngineCalls(IN_PLACE.flatMap(staticSiteStories).filter(({ name }) => name.endsWith(', a bad release')), { move: 'aws update-distribution', isChange: true });
