/** A stack that is in the way of a rollback, and what CloudFormation says to its change. */
import { CloudFormationApi } from '../../../src/engines/aws-cdk/runtime/cloudformation-api';
import { StackProgress } from '../../../src/engines/aws-cdk/runtime/stack-progress';
import { StackState } from '../../../src/engines/aws-cdk/runtime/stack-steps';
import { AwsCli } from '../../../src/runtime/aws/aws-cli';
import { InMemoryEnvironment, SECOND } from '../../runtime/deployment/in-memory-environment';

/** The AWS CLI: the update that is in progress ends after a pause, and what is to cancel it gets this answer. */
function clear(answer: string): { readonly cleared: Promise<StackState | undefined>; readonly calls: string[] } {
  const context = new InMemoryEnvironment().context({ id: 5 });
  const calls: string[] = [];
  let pauses = 0;
  const cli = new AwsCli({
    ...context,
    execute: async (command, { capture }) => {
      const call = command.kind === 'exec' ? command.argv[2]! : '';
      calls.push(call);
      if (call === 'cancel-update-stack') {
        capture!.error(answer);
        return { outcome: 'failed', exitCode: 254, durationMs: 0 };
      }
      capture!.output(JSON.stringify({ status: pauses === 0 ? 'UPDATE_IN_PROGRESS' : 'UPDATE_COMPLETE', reason: '' }));
      return { outcome: 'succeeded', durationMs: 0 };
    },
  });
  const progress = new StackProgress(new CloudFormationApi(() => cli, context.clock.now() + 600 * SECOND), context, async () => void pauses++);
  return { cleared: progress.clear({ stackName: 'shop' }, true), calls };
}

it('that has moved on refuses the change, and is read again', async () => {
  const { calls, cleared } = clear('An error occurred (ValidationError) when calling the CancelUpdateStack operation: CancelUpdateStack cannot be called from current stack status');
  expect(await cleared).toMatchObject({ status: 'UPDATE_COMPLETE' });
  expect(calls).toEqual(['describe-stacks', 'cancel-update-stack', 'describe-stacks']);
});

it('is not tried for ever where the role may not change it', async () => {
  const { calls, cleared } = clear('An error occurred (AccessDenied) when calling the CancelUpdateStack operation: not authorized');
  await expect(cleared).rejects.toThrow('AccessDenied: not authorized');
  expect(calls).toEqual(['describe-stacks', 'cancel-update-stack']);
});
