import { invalid, show } from '../validation/validation-error';

/**
 * The pull requests that get a preview.
 */
export class PreviewCondition {
  /** Gives each pull request a preview. */
  public static all(): PreviewCondition {
    return new PreviewCondition();
  }

  /**
   * Gives a pull request a preview while it has a label. When the label is taken off, the preview is removed.
   *
   * @param name the label: letters, digits, spaces and `. _ : / -`, at most 50
   */
  public static label(name: string): PreviewCondition {
    if (typeof name === 'string' && /^[A-Za-z0-9][A-Za-z0-9 ._:/-]{0,49}$/.test(name) && name.trim() === name) return new PreviewCondition(name);
    return invalid('PreviewCondition.label name', `${show(name)} is not a label`, 'Write the name of a label: letters, digits, spaces and . _ : / -, 50 at most');
  }

  /** @internal */
  public readonly _isCondition = true;

  /** @internal */
  public readonly _label?: string;

  private constructor(label?: string) {
    this._label = label;
  }
}
