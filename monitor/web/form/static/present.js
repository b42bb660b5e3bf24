// Which checklists a person may fill in at present. The same questions in two places have one digest: it takes both,
// the checklist and the digest, to name what is asked where.
export const nameOf = ({ id, digest }) => `${id} ${digest}`;

export const answeredBy = (form) => nameOf({ id: form.list, digest: form.list_digest });

export const isPresent = (mine, name) => Boolean(mine?.checklists?.includes(name));
