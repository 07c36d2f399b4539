import { Component, Project } from 'projen';
import { Group, groupsIn } from './concurrency';

const ID = 'DeliveryLast';

/** @param groups of all workflows */
export type LastCheck = (groups: readonly Group[]) => void;

/** The last component of a repository: it is synthesized after all others. */
export class LastComponent extends Component {
  /** Call it when a synthesis begins, after all other components are added. */
  public static of(root: Project): LastComponent {
    return (root.node.tryFindChild(ID) as LastComponent | undefined) ?? new LastComponent(root, new Map());
  }

  private constructor(private readonly root: Project, private readonly checks: Map<object, LastCheck>) {
    super(root, ID);
  }

  /**
   * @param owner the owner of the check: another synthesis replaces it
   */
  public check(owner: object, check: LastCheck): void {
    this.checks.set(owner, check);
  }

  public synthesize(): void {
    this.run();
    // other components may follow by now, and `postSynthesize` is called in the order of the tree
    this.root.node.tryRemoveChild(ID);
    new LastComponent(this.root, this.checks);
  }

  public postSynthesize(): void {
    this.run();
  }

  private run(): void {
    const groups = groupsIn(this.root);
    for (const check of this.checks.values()) check(groups);
  }
}
