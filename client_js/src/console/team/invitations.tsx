import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { MailPlus } from "lucide-react";

import { invitationsQuery, resend, revoke } from "../api/people";
import type { Invitation } from "../api/types";
import { ago } from "../format";
import { Blank, Failing, Skeleton } from "../kit/blank";
import { Button } from "../kit/button";
import { useNow } from "../kit/now";
import { say } from "../kit/toast";
import { texts } from "../texts";
import { CopyLink } from "./copy-link";

const words = texts.invite;

export function Invitations() {
  const { data, error, refetch } = useQuery(invitationsQuery);
  if (error && !data) {
    return <Failing error={error} title={texts.team.failing} retry={() => void refetch()} />;
  }
  if (!data) return <Skeleton rows={3} height={56} words={texts.loading} />;
  if (data.length === 0) return <Blank icon={<MailPlus />}>{words.none}</Blank>;
  return (
    <ul className="cards lines">
      {data.map((invitation) => (
        <Line key={invitation.id} invitation={invitation} />
      ))}
    </ul>
  );
}

function Line({ invitation }: { invitation: Invitation }) {
  const queries = useQueryClient();
  const now = useNow(15_000);
  const onSuccess = () => queries.invalidateQueries({ queryKey: ["invitations"] });
  const onError = () => say(texts.team.notChanged, { bad: true });
  const sending = useMutation({
    mutationFn: () => resend(invitation.id),
    onSuccess: () => {
      say(words.resent);
      return onSuccess();
    },
    onError,
  });
  const revoking = useMutation({
    mutationFn: () => revoke(invitation.id),
    onSuccess: () => {
      say(words.revoked);
      return onSuccess();
    },
    onError,
  });
  const expired = invitation.expires_at < now;
  return (
    <li className="card line">
      <div className="cell-words">
        <b className="clip">{invitation.email}</b>
        <span className="meta num">
          {texts.team.roles[invitation.role]} ·{" "}
          {expired ? words.expired : words.expires(ago(invitation.expires_at, now))}
        </span>
        {sending.data?.link ? <CopyLink link={sending.data.link} /> : null}
      </div>
      <Button size="small" isDisabled={sending.isPending} onPress={() => sending.mutate()}>
        {words.resend}
      </Button>
      <Button
        size="small"
        look="quiet"
        isDisabled={revoking.isPending}
        onPress={() => revoking.mutate()}
      >
        {words.revoke}
      </Button>
    </li>
  );
}
