/**
 * Where the world changes: a process that dies before a call that reads leaves the same as one that dies after the change before it. During a call
 * CloudFormation goes on with what it began.
 */
import { testEngineCalls } from './engine-calls';
import { awsCdkStories } from '../../../tools/model-checker/crashes/stories';
import { IN_PLACE } from '../../../tools/model-checker/strategies';

jest.setTimeout(1_200_000);

// the way there and back of a bad release contains that of a good one
testEngineCalls(IN_PLACE.flatMap(awsCdkStories).filter(({ name }) => !name.endsWith(', a good release')), { isChange: true, move: 'cdk deploy' });
