import { github } from 'projen';
import { HealthCheck, Target, TargetBinding, TargetCapability, TargetCommand, TargetContext } from 'projen-delivery';

/** A machine with two slots behind a router. */
export interface Machine {
  /** Host and port of the router. */
  readonly address: string;
  /** What the scripts on the machine need to know. */
  readonly variables: Record<string, string>;
}

/** Ships `dist` to machines that ask for a sign-in first. */
export class MachineTarget extends Target {
  constructor(private readonly machines: Record<string, Machine>) {
    super();
  }

  public bind({ environment }: TargetContext): TargetBinding {
    const { address, variables } = this.machines[environment];
    return {
      commands: {
        deploy: TargetCommand.line('test "$(cat "$RUNNER_TEMP/session")" = "session of $MACHINE_TOKEN" && exec node tasks/ship.js'),
        promote: TargetCommand.argv(['node', 'tasks/switch-traffic.js']),
      },
      capabilities: [TargetCapability.SLOTS],
      artifact: { buildTask: 'bundle', paths: ['dist'] },
      setupSteps: [{
        id: 'sign-in',
        name: `sign in to ${address}`,
        env: { MACHINE_TOKEN: '${{ secrets.MACHINE_TOKEN }}' },
        run: 'echo "session of $MACHINE_TOKEN" > "$RUNNER_TEMP/session"\necho "signed in"',
      }],
      permissions: { packages: github.workflows.JobPermission.READ, idToken: github.workflows.JobPermission.WRITE },
      secrets: ['MACHINE_TOKEN'],
      variables,
      healthChecks: [HealthCheck.tcp(address, { name: 'router' })],
    };
  }
}
