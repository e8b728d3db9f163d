resource "coze_callback_app" "events" {
  name         = "智能体发布通知"
  callback_url = "https://hooks.example.com/coze/events"
  events       = ["bot.published", "bot.unpublished"]
}

output "verify_token" {
  description = "What Coze signs its callbacks with."
  value       = coze_callback_app.events.verify_token
  sensitive   = true
}
