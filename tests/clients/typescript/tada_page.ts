// Documents that gql.tada types as they stand here, against a started server: tada_page.js URL TOKEN
import { type FragmentOf, initGraphQLTada, readFragment } from "gql.tada";

import { ask } from "./asking.js";
import type { introspection } from "./graphql-env.js";

const graphql = initGraphQLTada<{
  introspection: introspection;
  scalars: { Cursor: string; DateTime: string; EmailAddress: string };
}>();

const Person = graphql(`
  fragment Person on Lead {
    email
    emailStatus
  }
`);
const Enter = graphql(`
  mutation Enter($input: LeadCreateInput!) {
    leadCreate(input: $input) {
      lead {
        id
      }
      errors {
        __typename
        code
      }
    }
  }
`);
const Page = graphql(
  `
    query Page($where: LeadWhere) {
      leads(where: $where, first: 1, orderBy: [{ field: EMAIL, direction: DESC }]) {
        totalCount
        nodes {
          ...Person
        }
      }
    }
  `,
  [Person],
);

const address = (lead: FragmentOf<typeof Person>): string | null => readFragment(Person, lead).email;

/** Never called: what the types must not let through. */
export function mistakes() {
  // @ts-expect-error a status there isn't
  void ask(Page, { where: { status: { eq: "ASLEEP" } } });
  // @ts-expect-error an input it must have
  void ask(Enter, {});
  // @ts-expect-error what a fragment keeps to itself
  void ask(Page, {}).then(({ leads }) => leads.nodes[0]?.email);
}

for (const name of ["ada", "ben"]) await ask(Enter, { input: { email: `${name}@example.com` } });
const { leads } = await ask(Page, { where: { status: { eq: "NEW" }, email: { startsWith: "a" } } });
console.log(JSON.stringify({ count: leads.totalCount, page: leads.nodes.map(address) }));
