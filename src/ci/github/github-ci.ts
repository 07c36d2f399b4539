import { GithubCiSystem, gitHubOf, ownWorkflows, workflowFile } from './github-ci-system';
import { CiProvider, CiRequest } from '../ci-system';
import { addedSetup, checkIds, toolchainSetup } from './toolchains/setup';

/** GitHub Actions, on the project's GitHub component. Fails where workflows of the delivery's cannot be written. */
export function githubCi({ project, scope, place, drill, monitoring }: CiRequest): CiProvider {
  const own = ownWorkflows(scope, place, { drill: drill !== undefined, monitoring: monitoring !== undefined });
  const hub = gitHubOf(project, own);
  return {
    ownFiles: own.map(workflowFile),
    runsOn: hub.runsOnConfig().runsOn,
    create({ toolchainSteps, setupSteps, ...options }) {
      const where = { project, directory: scope.directory, actions: hub.actions };
      const toolchain = toolchainSetup(toolchainSteps, where);
      const commands = addedSetup('setupSteps', setupSteps ?? [], where);
      checkIds('setupSteps', commands.steps, toolchain.steps);
      return new GithubCiSystem({
        ...options,
        hub,
        project,
        scope,
        place,
        drill,
        monitoring,
        toolchainSteps: toolchain.steps,
        setupSteps: commands.steps,
        setupWarnings: [toolchain, commands].flatMap(({ warnings }) => warnings),
      });
    },
  };
}
