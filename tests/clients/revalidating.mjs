// A registered document by its address, asked for again by who has the answer: revalidating.mjs ADDRESS TOKEN
const [address, token] = process.argv.slice(2);

async function ask(further) {
  const response = await fetch(address, { headers: { Authorization: `Bearer ${token}`, ...further } });
  return { status: response.status, tag: response.headers.get("etag"), body: await response.text() };
}

const first = await ask({});
console.log(JSON.stringify([first, await ask({ "If-None-Match": first.tag })]));
