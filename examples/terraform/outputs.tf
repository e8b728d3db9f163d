output "workspace" {
  description = "Id of the workspace."
  value       = coze_workspace.desk.id
}

output "bots" {
  description = "What callers of the bots' API need: id and latest version of each."
  value = {
    for name, bot in { after_sales = coze_bot.after_sales, shopping_guide = coze_bot.shopping_guide } :
    name => { id = bot.id, version = bot.version }
  }
}

output "callback_secret" {
  description = "What Coze signs its callbacks with."
  value       = coze_callback_app.bot_events.verify_token
  sensitive   = true
}
