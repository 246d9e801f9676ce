from django.apps import AppConfig

from tocsin.office.audit.append_only import Guard, Refusal, keep_in_place

GUARDS = (
    Guard(
        "received_receivedmessage",
        (
            Refusal(
                "no_update",
                "UPDATE",
                "A received message is never altered",
                # Beside these only the flag of a contradiction may still change.
                " OR ".join(
                    f"NEW.{column} <> OLD.{column}"
                    for column in (
                        "raw", "sha256", "sender", "identifier", "sent_at", "first_seen_at",
                        "source_id", "address", "verdict", "status", "scope", "msg_type",
                    )
                ),
            ),
            Refusal("no_delete", "DELETE", "A received message is never deleted"),
        ),
    ),
)  # fmt: skip


class ReceivedConfig(AppConfig):
    """Other authorities' warnings, as they came."""

    name = "tocsin.office.received"
    verbose_name = "Received warnings"

    def ready(self) -> None:
        """Let the database itself keep the messages as they came."""
        keep_in_place(self, GUARDS)
