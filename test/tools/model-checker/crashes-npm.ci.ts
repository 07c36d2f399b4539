/** Only calls that change something: a process that dies before a call that reads leaves the same as one that dies after the change before it. */
import { testEngineCalls } from './engine-calls';
import { npmStories } from '../../../tools/model-checker/crashes/stories';
import { AT_ONCE, IN_PLACE } from '../../../tools/model-checker/strategies';

jest.setTimeout(1_200_000);

testEngineCalls(AT_ONCE.flatMap(npmStories).filter(({ name }) => !name.endsWith(', a good release')), { move: 'npm dist-tag add', isChange: true });

testEngineCalls(IN_PLACE.flatMap(npmStories).filter(({ name }) => name.endsWith(', a good release')), { move: 'npm dist-tag add', isChange: true });
