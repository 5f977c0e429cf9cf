// The operations of journey.graphql, for clients that take them one by one.
import { readFileSync } from "node:fs";

import { parse } from "graphql";

const journey = parse(readFileSync(new URL("journey.graphql", import.meta.url), "utf8"));

/** One operation of the journey as a document of its own. */
export const operation = (name) => ({
  ...journey,
  definitions: journey.definitions.filter((each) => each.name.value === name),
});
