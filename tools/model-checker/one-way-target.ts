import { Target, TargetBinding, TargetContext } from '../../src';

/** Another target, whose releases cannot be taken back. */
export class OneWayTarget extends Target {
  constructor(private readonly target: Target) {
    super();
  }

  public bind(context: TargetContext): TargetBinding {
    return { ...this.target.bind(context), noRollback: 'Withdraw the version, and release a higher one.' };
  }
}
