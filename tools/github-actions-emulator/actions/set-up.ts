import { Action, ActionContext } from './action';
import { command } from './command';

/** actions/setup-<tool>: the tool of this machine is used, so it must be there. Its version is not looked at. */
export function setUp(program: string, output: string, inputs: string[]): Action {
  return {
    inputs: Object.fromEntries(inputs.map((name) => [name, false])),
    async run(context: ActionContext) {
      const version = await command(context, context.workspace, program, '--version');
      context.log(version);
      context.setOutput(output, /\d[\w.]*/.exec(version)?.[0] ?? '');
    },
  };
}
