// Which checklists a person may fill in at present. The same questions in two places have one digest: it takes both,
// the checklist and the digest, to name what is asked where.
export const nameOf = ({ id, digest }) => `${id} ${digest}`;

export const answeredBy = (form) => nameOf({ id: form.list, digest: form.list_digest });

// An earlier version of the form kept the digests alone; they count until the network is there again.
export function isPresent(mine, name) {
  const [, digest] = name.split(" ");
  return mine?.checklists?.includes(name) ?? mine?.digests?.includes(digest) ?? false;
}
