import { type Base, changedFields, type Field, FIELDS, LABELS, type Texts } from './editableCustomer';

interface Props {
  /** The row as it was when the form was filled. */
  base: Base;
  /** The row as it is now. */
  current: Base;
  /** What stands in the form. */
  mine: Texts;
  disabled: boolean;
  onKeepMine: () => void;
  onTakeTheirs: () => void;
}

/** Shows what somebody else changed in the meantime, beside what was changed here. */
export function CustomerConflict({ base, current, mine, disabled, onKeepMine, onTakeTheirs }: Props) {
  const theirChanges = changedFields(current.texts, base.texts);
  const myChanges = changedFields(mine, base.texts);
  const changed = FIELDS.filter((name) => theirChanges.includes(name) || myChanges.includes(name));
  const shown = (changes: Field[], texts: Texts, name: Field) =>
    changes.includes(name) ? texts[name] || 'removed' : 'not changed';
  return (
    <section className="problem">
      <div role="alert">
        <h2>Somebody else changed this customer</h2>
        <p>Nothing was saved. “Keep mine” saves your changes and leaves their other changes as they are.</p>
      </div>
      <table>
        <thead>
          <tr>
            <th scope="col">Field</th>
            <th scope="col">Theirs</th>
            <th scope="col">Mine</th>
          </tr>
        </thead>
        <tbody>
          {changed.map((name) => (
            <tr key={name}>
              <th scope="row">{LABELS[name]}</th>
              <td>{shown(theirChanges, current.texts, name)}</td>
              <td>{shown(myChanges, mine, name)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="actions">
        <button type="button" disabled={disabled} onClick={onKeepMine}>
          Keep mine
        </button>
        <button type="button" disabled={disabled} onClick={onTakeTheirs}>
          Take theirs
        </button>
      </p>
    </section>
  );
}
