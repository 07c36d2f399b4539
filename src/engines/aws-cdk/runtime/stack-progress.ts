import { CloudFormationApi, StackPlace } from './cloudformation-api';
import { isChanging, StackState, stackStep } from './stack-steps';
import { RuntimeContext } from '../../../runtime/context';
import { EngineError, isUncertain, overdueAfter } from '../../../runtime/targets/engine-error';

/** What CloudFormation does with stacks: waits for its end, clears away what is in the way, and finds out why it failed. */
export class StackProgress {
  constructor(
    private readonly api: CloudFormationApi,
    private readonly context: Pick<RuntimeContext, 'log'>,
    private readonly pause: (why: string) => Promise<void>,
  ) {}

  /** Waits until nothing changes the stack, and clears away what prevents a deployment. */
  public async clear(stack: StackPlace, isRestore: boolean): Promise<StackState | undefined> {
    for (let rollbacks = 0; ;) {
      const state = await this.api.stack(stack);
      const next = stackStep({ stackName: stack.stackName, state, isRestore, rollbacks });
      switch (next.step) {
        case 'ready': return state;
        // it is what someone, or an earlier release, left
        case 'fail': throw new EngineError(isRestore ? 'rejected' : 'conflict', await this.withFailures(stack, `${next.why}. ${next.fix}`));
        case 'wait': break;
        case 'cancel':
          await this.unlessPassed(`${next.why}: cancel the update`, () => this.api.cancelUpdate(stack));
          break;
        case 'rollBack':
          rollbacks += 1;
          await this.unlessPassed(`${next.why}: roll it back`, () => this.api.rollBack(stack));
          break;
        case 'continueRollback':
          rollbacks += 1;
          await this.unlessPassed(`${next.why}: continue its rollback`, () => this.api.continueRollback(stack));
      }
      await this.pause(next.why);
    }
  }

  /** Waits until CloudFormation changes nothing more, whatever the end is: it goes on without the CDK. */
  public async waitForEnd(stack: StackPlace): Promise<StackState | undefined> {
    for (let seen: string | undefined; ;) {
      const state = await this.api.stack(stack).catch((error: unknown) => {
        throw overdueAfter(error, seen);
      });
      if (!state || !isChanging(state)) return state;
      seen = `the stack ${stack.stackName} is ${state.status}`;
      await this.pause(seen);
    }
  }

  /** A stack that has moved on refuses the change: its state is read again. */
  private async unlessPassed(why: string, change: () => Promise<void>): Promise<void> {
    this.context.log.line(why);
    try {
      await change();
    } catch (error) {
      const hasPassed = isUncertain(error) || (error instanceof EngineError && error.message.includes('ValidationError'));
      if (!hasPassed) throw error;
      this.context.log.line((error as EngineError).message);
    }
  }

  /** A failure with what CloudFormation says about it. */
  public async explained(failure: EngineError, stacks: readonly StackPlace[]): Promise<EngineError> {
    let message = failure.message;
    for (const stack of stacks) message = await this.withFailures(stack, message);
    return new EngineError(failure.kind, message);
  }

  /** The stack's failed resources say why; they are extra information. */
  private async withFailures(stack: StackPlace, message: string): Promise<string> {
    try {
      const failures = await this.api.failures(stack);
      return failures.length === 0 ? message : `${message}. ${stack.stackName}: ${failures.join('; ')}`;
    } catch (error) {
      if (error instanceof EngineError) return message;
      throw error;
    }
  }
}
