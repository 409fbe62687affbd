/** Who answers visitors: reps, groups, open invitations. */
import { useQuery } from "@tanstack/react-query";
import { UserRoundPlus } from "lucide-react";
import { useState } from "react";

import { groupsQuery, meQuery, repsQuery } from "../api/people";
import { mayManagePeople, type Rights } from "../api/rights";
import { Failing, Skeleton } from "../kit/blank";
import { Button } from "../kit/button";
import { address, type Route } from "../route";
import { texts } from "../texts";
import { Groups } from "./groups";
import { Invitations } from "./invitations";
import { InviteDialog } from "./invite-dialog";
import { Reps } from "./reps";

const words = texts.team;
type Part = Extract<Route, { page: "team" }>["part"];

export function Team({ part }: { part: Part }) {
  const rights = useQuery(meQuery).data?.rights ?? [];
  const [inviting, setInviting] = useState(false);
  const admin = mayManagePeople(rights);
  const parts: readonly Part[] = admin ? ["reps", "groups", "invitations"] : ["reps", "groups"];
  const shown = parts.includes(part) ? part : "reps";
  return (
    <main className="page" aria-label={words.title}>
      <header className="page-head">
        <h1>{words.title}</h1>
        <nav className="page-parts" aria-label={words.title}>
          {parts.map((one) => (
            <a
              key={one}
              href={address({ page: "team", part: one })}
              aria-current={one === shown ? "page" : undefined}
            >
              {words[one]}
            </a>
          ))}
        </nav>
        {admin ? (
          <Button
            look="primary"
            icon={<UserRoundPlus size={16} />}
            onPress={() => setInviting(true)}
          >
            {words.invite}
          </Button>
        ) : null}
      </header>
      <div className="page-body">
        {shown === "invitations" ? <Invitations /> : <Loaded part={shown} rights={rights} />}
      </div>
      {admin ? <InviteDialog open={inviting} onClose={() => setInviting(false)} /> : null}
    </main>
  );
}

function Loaded({ part, rights }: { part: "reps" | "groups"; rights: Rights }) {
  const reps = useQuery(repsQuery);
  const groups = useQuery(groupsQuery);
  const error = reps.error ?? groups.error;
  if (error && !(reps.data && groups.data)) {
    const retry = () => {
      void reps.refetch();
      void groups.refetch();
    };
    return <Failing error={error} title={words.failing} retry={retry} />;
  }
  if (!reps.data || !groups.data) return <Skeleton rows={8} height={56} words={texts.loading} />;
  return part === "reps" ? (
    <Reps reps={reps.data} groups={groups.data} rights={rights} />
  ) : (
    <Groups reps={reps.data} groups={groups.data} rights={rights} />
  );
}
