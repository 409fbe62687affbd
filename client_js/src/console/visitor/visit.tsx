/** Where the visitor is, on the site and in the world, and what brought them (VS-4). */
import { ExternalLink } from "lucide-react";

import type { About } from "../../protocol/index.ts";
import { clock, language, place, shortUrl, webAddress } from "../format";
import { useNow } from "../kit/now";
import { texts } from "../texts";
import { Fact, Part } from "./part";

const words = texts.visitor;

export function CurrentPage({ visitor, here }: { visitor: About; here: boolean }) {
  const { page } = visitor;
  if (!page) return null;
  return (
    <Part title={here ? words.page : words.lastPage}>
      <PageLink url={page.url} title={page.title ?? ""} />
    </Part>
  );
}

export function Visit({ visitor }: { visitor: About }) {
  const device = deviceWords(visitor);
  const campaign = campaignWords(visitor);
  return (
    <Part title={words.visit}>
      <dl className="facts">
        {place(visitor) ? <Fact name={words.location}>{place(visitor)}</Fact> : null}
        {visitor.timezone ? <LocalTime zone={visitor.timezone} /> : null}
        {visitor.locale ? <Fact name={words.language}>{language(visitor.locale)}</Fact> : null}
        {device ? <Fact name={words.device}>{device}</Fact> : null}
        <Fact name={words.before}>{visitor.returning ? words.returning : words.firstVisit}</Fact>
        {visitor.pages_seen ? <Fact name={words.pagesSeen}>{visitor.pages_seen}</Fact> : null}
        {visitor.referrer ? <Address name={words.referrer} url={visitor.referrer} /> : null}
        {visitor.landing_page ? <Address name={words.landing} url={visitor.landing_page} /> : null}
        {campaign ? <Fact name={words.campaign}>{campaign}</Fact> : null}
      </dl>
    </Part>
  );
}

/** "Chrome on Android". */
function deviceWords({ device }: About): string {
  const [browser = "", os = ""] = [device?.browser, device?.os];
  return browser && os ? words.browserOn(browser, os) : browser || os;
}

/** "spring (google, cpc)". */
function campaignWords({ utm, gclid }: About): string {
  const [name = "", ...from] = [utm?.campaign, utm?.source, utm?.medium].filter(Boolean);
  if (!name) return gclid ? words.googleAds : "";
  return from.length ? `${name} (${from.join(", ")})` : name;
}

function Address({ name, url }: { name: string; url: string }) {
  const address = webAddress(url);
  return (
    <Fact name={name}>
      {address ? (
        <a
          className="clip block-link"
          href={address}
          target="_blank"
          rel="noopener noreferrer nofollow"
          title={url}
        >
          {shortUrl(url)}
        </a>
      ) : (
        <span title={url}>{shortUrl(url)}</span>
      )}
    </Fact>
  );
}

function PageLink({ url, title }: { url: string; title: string }) {
  const address = webAddress(url);
  const shown = (
    <>
      <span className="clip" dir="auto">
        {title || shortUrl(url)}
      </span>
      {address ? <ExternalLink size={13} aria-hidden="true" /> : null}
    </>
  );
  return (
    <div className="page-link">
      {address ? (
        <a href={address} target="_blank" rel="noopener noreferrer nofollow" title={url}>
          {shown}
        </a>
      ) : (
        <span>{shown}</span>
      )}
      {title ? <p className="meta clip">{shortUrl(url)}</p> : null}
    </div>
  );
}

function LocalTime({ zone }: { zone: string }) {
  const time = clock(useNow(15_000), zone);
  return time ? (
    <Fact name={words.localTime}>
      <span className="num">{time}</span>
    </Fact>
  ) : null;
}
