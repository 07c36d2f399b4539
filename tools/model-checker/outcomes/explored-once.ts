import { explore, Exploration, ExploreOptions } from './exploration';
import { meaningOf, WorkflowModel } from './workflow-model';
import { Workflow } from '../../../test/validators/workflow';

/** Explores workflows that mean the same once, in whatever deliveries they are. */
export class ExploredOnce {
  private readonly known = new Map<string, Exploration>();

  constructor(private readonly options: Pick<ExploreOptions, 'attempts'> = {}) {}

  public explore(model: WorkflowModel, yaml: Workflow): Exploration {
    const key = meaningOf(model, yaml);
    const exploration = this.known.get(key) ?? explore(model, this.options);
    this.known.set(key, exploration);
    return exploration;
  }
}
